"""The one Piccolo app: the tables of every room, migrations in this folder."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="huying",
    migrations_folder_path=str(Path(__file__).parent / "versions"),
    table_classes=table_finder(
        modules=[
            "server.kernel.tables",
            "server.areas.tables",
            "server.addresses.tables",
            "server.people.tables",
            "server.forms.tables",
            "server.photos.tables",
            "server.cases.tables",
            "server.cases.step_tables",
            "server.patrols.tables",
            "server.patrols.round_tables",
            "server.households.tables",
            "server.households.care.tables",
            "server.households.door.tables",
            "server.notices.tables",
            "server.notices.delivery_tables",
            "server.notices.outlets.push.tables",
            "server.notices.alarms.tables",
            "server.devices.tables",
        ]
    ),
    migration_dependencies=[],
    commands=[],
)
