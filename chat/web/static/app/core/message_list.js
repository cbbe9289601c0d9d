// Messages in the order of their ids, as lists that are replaced and never changed in place.

const QUOTE_LENGTH = 200; // characters of a message that its replies show
const POSTED = new Set(["message", "file", "announcement"]);

/** @import {UserRef} from "./store.js" */
/** @typedef {{emoji: string, users: UserRef[]}} Reaction */
/**
 * key: by which the page knew the message before it had an id.
 * @typedef {{
 *   id: number, kind: string, sender: UserRef|null, text: string, file?: any, reply_to?: any, reactions?: Reaction[],
 *   created_at: string, edited_at?: string|null, deleted_at?: string|null, key?: string,
 * }} Message
 */

/**
 * The list with a message inserted, or the same list if the message is in it.
 * @param {Message[]} list
 * @param {Message} message
 */
export function insertMessage(list, message) {
  let at = list.length;
  while (at > 0 && list[at - 1].id > message.id) at -= 1;
  if (list[at - 1]?.id === message.id) return list;
  return list.toSpliced(at, 0, message);
}

/** Inserts several messages, usually all newer than the list. @param {Message[]} list @param {Message[]} messages */
export function mergeMessages(list, messages) {
  const newest = list.at(-1)?.id ?? 0;
  const areNewer = messages.every((message, index) => message.id > (messages[index - 1]?.id ?? newest));
  return areNewer ? [...list, ...messages] : messages.reduce(insertMessage, list);
}

/**
 * The list after an `edited`, `deleted`, `reacted` or `unreacted` event, or the same list if it changes none of the
 * messages.
 * @param {Message[]} list
 */
export function applyChange(list, event) {
  const { id } = event.message;
  const change = CHANGES[event.kind];
  const changed = list.map((message) => (message.id === id ? change(message, event) : updateQuote(message, event)));
  return changed.some((message, index) => message !== list[index]) ? changed : list;
}

export const isMessageChange = (event) => event.kind in CHANGES;
export const isPosted = (event) => POSTED.has(event.kind);

const CHANGES = {
  edited: (message, { message: { text, edited_at } }) =>
    message.deleted_at || message.edited_at > edited_at ? message : { ...message, text, edited_at },
  deleted: (message, { created_at }) =>
    ({ ...message, text: "", file: undefined, reply_to: null, reactions: [], deleted_at: created_at }),
  reacted: (message, { user, emoji }) =>
    hasReacted(message, user, emoji) ? message : { ...message, reactions: addReaction(message, user, emoji) },
  unreacted: (message, { user, emoji }) =>
    hasReacted(message, user, emoji) ? { ...message, reactions: removeReaction(message, user, emoji) } : message,
};

/** @param {Message} message @param {{id: number}} user @param {string} emoji */
export function hasReacted(message, user, emoji) {
  const reaction = message.reactions?.find((each) => each.emoji === emoji);
  return Boolean(reaction?.users.some((each) => each.id === user.id));
}

/** @param {{reactions?: Reaction[]}} message */
function addReaction({ reactions = [] }, user, emoji) {
  if (!reactions.some((each) => each.emoji === emoji)) return [...reactions, { emoji, users: [user] }];
  return reactions.map((each) => (each.emoji === emoji ? { ...each, users: [...each.users, user] } : each));
}

function removeReaction({ reactions }, user, emoji) {
  const withoutUser = (each) => ({ ...each, users: each.users.filter(({ id }) => id !== user.id) });
  return reactions.map((each) => (each.emoji === emoji ? withoutUser(each) : each)).filter((each) => each.users.length);
}

/** A reply's quote follows the message that it quotes. */
function updateQuote(message, { kind, message: { id, text } }) {
  if (message.reply_to?.id !== id || (kind !== "edited" && kind !== "deleted")) return message;
  return { ...message, reply_to: { ...message.reply_to, text: quoteOf(kind === "edited" ? text : "") } };
}

/** The beginning of a text, not cut inside a character. @param {string} text */
export function quoteOf(text) {
  if (text.length <= QUOTE_LENGTH) return text;
  return Array.from(text.slice(0, 2 * QUOTE_LENGTH)).slice(0, QUOTE_LENGTH).join("");
}
