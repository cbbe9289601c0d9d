// Apple's keyboards have other modifier keys.

const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

export const MOD_KEY = IS_APPLE ? "⌘" : "Ctrl";
export const ALT_KEY = IS_APPLE ? "⌥" : "Alt";

/** Whether the platform's modifier for shortcuts is held. @param {KeyboardEvent} event */
export const hasMod = (event) => (IS_APPLE ? event.metaKey : event.ctrlKey);
