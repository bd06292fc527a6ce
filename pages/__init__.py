"""The app's pages. Scripts stand in the folders below, never directly here."""
