// What the page does without until it stands, as one: see ui/later.js.

export { Completion, Offers } from "./ui/completion.js";
export { DIALOGS } from "./ui/dialogs/index.js";
export { Join } from "./ui/join.js";
export { Members } from "./ui/members.js";
export { startNotifying } from "./ui/notify.js";
export { Picker } from "./ui/picker.js";
export { SignIn } from "./ui/signin.js";
export { startTitle } from "./ui/title.js";
export { Tools } from "./ui/tools.js";
