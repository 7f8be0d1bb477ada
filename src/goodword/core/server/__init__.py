"""The web server: uvicorn, live streams on its event loop, Django as WSGI in a few threads.

The reasons stand in docs/decisions and in each module; `serving.serve_web` is the way in.
"""
