"""Previews of links: what a page calls itself, fetched by the server, for those who want it.

Off in two places. An installation switches them on with `WUFU_LINK_PREVIEWS=on`, because its server then asks
hosts that strangers name; and everybody switches them on for their own phone. Without both nothing is ever
fetched, for a host must not learn that somebody was sent a link.

A phone asks for the preview of a link in a message it may see, never for an address of its own. The server
asks with no cookie and no word about who wants it, only addresses that are public (checked after the name was
resolved, and the very address that was checked is the one that is asked, at every redirect), only web pages,
for five seconds and 256 kB at most, and keeps title and description in memory for ten minutes. No picture:
whoever placed it would see each phone that shows it.

No tables, no laws.
"""
