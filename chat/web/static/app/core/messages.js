// Messages in the order of their ids, as plain lists that are replaced and never changed: what is loaded, what comes, what is corrected.

const QUOTED = 200; // characters of a message that its answers show
const POSTED = new Set(["message", "file", "announcement"]);

/** @typedef {{id: number, name: string}} UserRef */
/** @typedef {{id: number, kind: string, sender: UserRef|null, text: string, created_at: string, file?: object, reply_to?: object|null,
 *   edited_at?: string|null, deleted_at?: string|null, reactions?: {emoji: string, users: UserRef[]}[], key?: string}} Message
 *  key: what it was known by on this page before it had an id. */

/** The list with a message in its place; the same list where it is there already. @param {Message[]} list @param {Message} message */
export function placed(list, message) {
  let at = list.length;
  while (at > 0 && list[at - 1].id > message.id) at -= 1;
  if (list[at - 1]?.id === message.id) return list;
  return list.toSpliced(at, 0, message);
}

/** Several at once, which mostly are newer than all that are there. */
export function withAll(list, messages) {
  const newest = list.at(-1)?.id ?? 0;
  const ordered = messages.every((message, index) => message.id > (messages[index - 1]?.id ?? newest));
  return ordered ? [...list, ...messages] : messages.reduce(placed, list);
}

/** The list as an `edited`, `deleted`, `reacted` or `unreacted` event makes it; the same list where it is about none of them. */
export function corrected(list, event) {
  const { id } = event.message;
  const changed = list.map((message) => (message.id === id ? CORRECT[event.kind](message, event) : quoting(message, event)));
  return changed.some((message, index) => message !== list[index]) ? changed : list;
}

export const isCorrection = (event) => event.kind in CORRECT;
export const isPosted = (event) => POSTED.has(event.kind);

const CORRECT = {
  edited: (message, { message: { text, edited_at } }) =>
    message.deleted_at || message.edited_at > edited_at ? message : { ...message, text, edited_at },
  deleted: (message, { created_at }) => ({ ...message, text: "", file: undefined, reply_to: null, reactions: [], deleted_at: created_at }),
  reacted: (message, { user, emoji }) => (hasReacted(message, user, emoji) ? message : { ...message, reactions: more(message, user, emoji) }),
  unreacted: (message, { user, emoji }) =>
    hasReacted(message, user, emoji) ? { ...message, reactions: fewer(message, user, emoji) } : message,
};

export function hasReacted(message, user, emoji) {
  const reaction = message.reactions?.find((each) => each.emoji === emoji);
  return Boolean(reaction?.users.some((each) => each.id === user.id));
}

function more({ reactions = [] }, user, emoji) {
  if (!reactions.some((each) => each.emoji === emoji)) return [...reactions, { emoji, users: [user] }];
  return reactions.map((each) => (each.emoji === emoji ? { ...each, users: [...each.users, user] } : each));
}

function fewer({ reactions }, user, emoji) {
  const without = (each) => ({ ...each, users: each.users.filter(({ id }) => id !== user.id) });
  return reactions.map((each) => (each.emoji === emoji ? without(each) : each)).filter((each) => each.users.length);
}

/** What an answer shows of a message follows it. */
function quoting(message, { kind, message: { id, text } }) {
  if (message.reply_to?.id !== id || (kind !== "edited" && kind !== "deleted")) return message;
  return { ...message, reply_to: { ...message.reply_to, text: quoted(kind === "edited" ? text : "") } };
}

/** The beginning of a text, not cut through a character. */
export function quoted(text) {
  return text.length <= QUOTED ? text : Array.from(text.slice(0, 2 * QUOTED)).slice(0, QUOTED).join("");
}
