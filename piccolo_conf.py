"""Where Piccolo finds the database and the tables of every room."""

from piccolo.conf.apps import AppRegistry
from piccolo.engine.postgres import PostgresEngine

from server.kernel.settings import settings

DB = PostgresEngine(config={"dsn": settings().database_url})

APP_REGISTRY = AppRegistry(apps=["migrations.piccolo_app"])
