/** The entry of /tollbridge.js: sets `window.tollbridge` from the attributes of its own script tag. */
export {}
