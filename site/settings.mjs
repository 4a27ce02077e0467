/** The address of the sources, such as https://github.com/NAME/heliodor/blob/main. Until there is one, links to sources are plain text. */
export const repository = "";

/** The path of the site on its server. */
export const base = "/";
