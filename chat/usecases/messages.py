"""Posting a message to a room or to a person. Whether the sender may post there is decided by the transaction of the post."""

from dataclasses import replace

from sqlalchemy import Engine

from chat.domain.refusals import KeyUsed, QuoteNotInRoom
from chat.domain.shapes.refs import UserRef
from chat.domain.validation import LARGEST_ID
from chat.services import history
from chat.services.posting import Post, Posted
from chat.usecases.conversations import Conversations
from chat.usecases.room_access import RoomAccess
from chat.usecases.writer import Writer


class Messages:
    """Every method raises QuoteNotInRoom, KeyUsed, the refusals of RoomAccess, Busy and SQLAlchemyError."""

    def __init__(self, reads: Engine, writer: Writer, access: RoomAccess, conversations: Conversations) -> None:
        self._reads = reads
        self._writer = writer
        self._access = access
        self._conversations = conversations

    def post(self, post: Post, token: str) -> Posted:
        """Waits for the commit. token: the sender's, whose session may be the reason for a refusal."""
        post = self._with_quoted_sender(post)
        posted = self._writer.post(post)
        if posted is None:
            self._access.refuse_post(post.room_id, post.sender_id, token)
        if posted.replayed and not _is_same(posted, post):
            raise KeyUsed
        return posted

    def post_to_user(self, post: Post, other_id: int, token: str) -> Posted:
        """Also raises SelfConversation."""
        return self.post(replace(post, room_id=self._conversation(post, other_id)), token)

    def _conversation(self, post: Post, other_id: int) -> int:
        if post.reply_to is None:
            return self._conversations.find_or_begin(post.sender_id, other_id, post.key)
        room_id = self._conversations.find(post.sender_id, other_id)
        if room_id is None:
            raise QuoteNotInRoom
        return room_id

    def _with_quoted_sender(self, post: Post) -> Post:
        """The message that a reply quotes must be one of the same room that the sender reads."""
        if post.reply_to is None:
            return post
        is_id = 0 < post.reply_to <= LARGEST_ID
        quoted = history.message(self._reads, post.reply_to, post.sender_id) if is_id else None
        if quoted is None or quoted.room_id != post.room_id:
            self._access.readable(str(post.room_id), post.sender_id)
            raise QuoteNotInRoom
        if quoted.sender_id is None:
            return post
        return replace(post, quoted_sender=UserRef(quoted.sender_id, quoted.sender_name or ""))


def _is_same(posted: Posted, post: Post) -> bool:
    """Whether the first request with the key was the same. The first text of an edited or deleted message is no longer known."""
    event = posted.event
    if (event.kind, event.room_id, event.about_id) != ("message", post.room_id, post.reply_to):
        return False
    return posted.corrected or posted.text == post.text
