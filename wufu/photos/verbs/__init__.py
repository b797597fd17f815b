"""What may be done with photo packets, one file a noun; `wufu.photos` is the front door."""
