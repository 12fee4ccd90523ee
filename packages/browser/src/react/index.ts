/** The React entry. */
export {}
