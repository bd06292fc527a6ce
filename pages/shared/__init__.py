"""What pages share: the session, the caches, the widgets and how things are shown."""
