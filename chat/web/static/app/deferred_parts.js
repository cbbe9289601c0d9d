// The parts that the page does not need for its first paint. ui/common/load_deferred.js loads them.

export { CompletionList, Completion } from "./ui/composer/completion.js";
export { EmojiPicker } from "./ui/composer/emoji_picker.js";
export { DIALOGS } from "./ui/dialogs.js";
export { MessageActions } from "./ui/messages/message_actions.js";
export { startNotifier } from "./ui/notifications/notifier.js";
export { startTitle } from "./ui/notifications/title.js";
export { MemberPanel } from "./ui/people/member_panel.js";
export { SignIn } from "./ui/people/sign_in.js";
export { AcceptInvite } from "./ui/rooms/accept_invite.js";
