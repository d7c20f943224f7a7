"""Piccolo's configuration for the tests: the engine and the migrations, without importing the tables of every room."""

from piccolo.conf.apps import AppConfig, AppRegistry
from piccolo.engine.postgres import PostgresEngine

from server.kernel.ready import MIGRATIONS
from server.kernel.settings import settings

DB = PostgresEngine(config={"dsn": settings().database_url})
APP_CONFIG = AppConfig(app_name="huying", migrations_folder_path=str(MIGRATIONS), table_classes=[])
APP_REGISTRY = AppRegistry(apps=["tests.engine"])
