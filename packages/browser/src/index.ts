/** The public face of the browser SDK. */
export {}
