"""For WSGI servers: `gunicorn wsgi:app`."""

from survey.app import create_app

app = create_app(serving=True)
