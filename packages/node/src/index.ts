/** The public face of the SDK for the app's own server. */
export {}
