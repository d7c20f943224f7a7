"""Everything a resident reaches, in one router."""

from litestar import Router

from web.pages.resident import home, link, matter, mine, places, report

router = Router(
    "/",
    route_handlers=[
        home.home,
        home.choose,
        places.at,
        places.grids,
        report.ask,
        report.take,
        mine.index,
        mine.claim,
        matter.show,
        matter.receipt,
        matter.add,
        matter.reply,
        matter.rate,
        matter.reopen,
        matter.withdraw,
        link.open_link,
    ],
    include_in_schema=False,
)
