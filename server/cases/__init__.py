"""Reports and the way of a case: who may do what when, deadlines, history. One verb, one change, one event.

await cases.finish(case, by=actor, seen=version, text=..., after=[photo])
"""

from server.cases import moving as moving
from server.cases import recounting as recounting
from server.cases import rehoming as rehoming
from server.cases.change import Changed as Changed
from server.cases.closing import check as check
from server.cases.closing import close as close
from server.cases.closing import rate as rate
from server.cases.closing import reopen as reopen
from server.cases.closing import respond as respond
from server.cases.desk import accept as accept
from server.cases.desk import answer as answer
from server.cases.desk import ask as ask
from server.cases.desk import assign as assign
from server.cases.desk import classify as classify
from server.cases.desk import dispatch as dispatch
from server.cases.desk import reject as reject
from server.cases.desk import relocate as relocate
from server.cases.handling import finish as finish
from server.cases.handling import return_case as return_case
from server.cases.handling import take_on as take_on
from server.cases.insiders import note as note
from server.cases.insiders import reveal as reveal
from server.cases.lateness import Phone as Phone
from server.cases.recounting import enter_year as enter_year
from server.cases.reporter import add as add
from server.cases.reporter import reply as reply
from server.cases.reporter import withdraw as withdraw
from server.cases.reporting import Reported as Reported
from server.cases.reporting import report as report
from server.cases.reporting import report_all as report_all
from server.cases.telling import Telling as Telling
