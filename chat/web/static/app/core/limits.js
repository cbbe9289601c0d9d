// Limits of the service that the page repeats. tests/unit/test_copies.py holds that they are the same.
export const TEXT_BYTES = 16 * 1024;
export const ROOM_NAME_LENGTH = 80;
export const TOPIC_LENGTH = 250;
export const ABOUT_LENGTH = 500;
export const PASSWORD_LENGTH = 8;
export const ROOM_HOURS = 24;
