/** The address of a packet that anyone who has it may open: /#/p/<token> on this very page. */
export const linkOf = (token: string): string =>
  `${location.origin}${location.pathname}#/p/${encodeURIComponent(token)}`
