"""The provider's own sign-in of a mailbox, in place of a password (RFC 6749, 7636, 9700)."""
