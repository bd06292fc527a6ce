"""The one way in: the app as an ASGI application, behind guards of its own."""
