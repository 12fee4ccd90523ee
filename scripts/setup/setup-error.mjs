/** Something is missing that the person at the terminal can put right; the message says what and how. */
export class SetupError extends Error {}
