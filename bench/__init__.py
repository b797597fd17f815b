"""What Wufu measures itself against: one command each, the peer in the same run, ratio first."""
