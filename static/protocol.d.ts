// Written by `python -m server.devices.types` from server/devices/protocol.py; do not edit.

export interface Answer {
  number: string;
  head: string;
  due_at?: string | null;
  link?: string | null;
  state?: string | null;
  version?: number | null;
  findings?: FindingAnswer[];
  marks?: string[];
}

export interface Call {
  place: string;
}

export interface Command {
  id: string;
  account: string | null;
  protocol: number;
  verb: string;
  at: string;
  data: unknown;
  form?: FormVersion | null;
  mends?: string | null;
}

export interface CommunityChoice {
  id: number;
  name: string;
  code: string;
}

export interface Contact {
  id: string;
  household: string;
  way: "door" | "message" | "passing" | "phone";
  outcome: "met" | "nobody_home" | "not_now";
  topics?: string[];
  said?: string;
  needs?: string;
  next_on?: string | null;
  corrects?: string | null;
  ask?: boolean;
  private?: boolean | null;
}

export interface FindingAnswer {
  id: string;
  leads_to: string;
  number?: string;
  due?: string | null;
}

export interface Finish {
  number: string;
  seen: number;
  text: string;
  before?: string[];
  after?: string[];
}

export interface FormVersion {
  name: string;
  version: number;
}

export interface Go {
  order: string;
  does: "accept" | "on_way";
}

export interface GridPast {
  id: string;
  at: string;
  finding: string;
}

export interface GridPlace {
  id: string;
  code: string;
  kind: string;
  name: string;
  address: string;
  latitude: number | null;
  longitude: number | null;
}

export interface InboxRow {
  id: string;
  urgency: string;
  title: string;
  line: string;
  href: string;
  at: string;
  read: boolean;
}

export interface LinkedCare {
  id: string;
  name: string;
  way: string;
  mine: boolean;
  due_at: string;
  alarm: boolean;
}

export interface LinkedHousehold {
  id: string;
  words: string;
  area: string;
  private: boolean;
  tags: string[];
  people: LinkedPerson[];
  visits: LinkedVisit[];
  care: LinkedCare[];
  for_successor: string;
  last_visit_at: string | null;
  next_visit_on: string | null;
}

export interface LinkedPerson {
  id: string;
  name: string;
  phone: string;
  relation: string;
}

export interface LinkedVisit {
  id: string;
  at: string;
  name: string;
  mine: boolean;
  way: string;
  outcome: string;
  topics: string[];
  said: string;
  needs: string;
  number: string;
  state: string;
  answer: string;
}

export interface ListAnswers {
  version: number;
  answers?: Record<string, unknown>;
}

export interface Me {
  account: string | null;
  name: string;
  posts: Title[];
  key: string | null;
  days: number;
  phone: string | null;
  device: string | null;
}

export interface MyReport {
  number: string;
  subject: string;
  state: string;
  words: string;
  area: string;
  unit: string | null;
  reported_at: string;
  due_at: string | null;
}

export interface PhotoAnswer {
  id: string;
  outcome: "already" | "done" | "not_yet" | "refused";
  words: string;
}

export interface Places {
  streets: StreetChoice[];
  report: ReportLimits;
  desk: string;
}

export interface Receipt {
  id: string | null;
  outcome: "already" | "done" | "not_yet" | "refused";
  at: string;
  words: string;
  reason:
    | ""
    | "busy"
    | "cannot"
    | "newer"
    | "no_cookie"
    | "older"
    | "other_account"
    | "reused"
    | "sign_in"
    | "unreadable";
  fields: Record<string, string>;
  answer: Answer | null;
}

export interface Report {
  text: string;
  community_id?: number | null;
  place?: string;
  latitude?: number | null;
  longitude?: number | null;
  accuracy?: number | null;
  position_source?: string | null;
  private?: boolean;
  name?: string;
  phone?: string;
  for_name?: string;
  for_phone?: string;
  for_agreed?: boolean;
  photos?: string[];
}

export interface ReportLimits {
  version: number;
  longest: number;
  photos: number;
}

export interface Ring {
  household: string;
  person: string;
}

export interface Round {
  day: string;
  grids: RoundGrid[];
  tasks: RoundTask[];
  places: RoundPlace[];
  lists: RoundList[];
  rectifications: RoundRectification[];
  orders: RoundOrder[];
  became: RoundBecame[];
}

export interface RoundBecame {
  id: string;
  visit: string;
  at: string;
  place: string;
  words: string;
  leads_to: string;
  number: string;
  state: string;
  state_words: string;
}

export interface RoundGrid {
  id: number;
  code: string;
  name: string;
  polygon: unknown;
}

export interface RoundList {
  id: number;
  checklist: number;
  name: string;
  department: string;
  version: number;
  items: unknown;
}

export interface RoundOrder {
  id: string;
  words: string;
  by: string;
  at: string;
  state: string;
  place: string | null;
  case: string;
  place_words: string;
  latitude: number | null;
  longitude: number | null;
}

export interface RoundPast {
  at: string;
  outcome: string;
  finding: string;
  by: string;
}

export interface RoundPlace {
  id: string;
  code: string;
  kind: string;
  name: string;
  address: string;
  latitude: number | null;
  longitude: number | null;
  last_visit_at: string | null;
  last_finding: string;
  past: RoundPast[];
  phone: string;
}

export interface RoundRectification {
  id: string;
  number: string;
  place: string;
  words: string;
  due: string;
  failed: number;
}

export interface RoundTask {
  id: string;
  place: string;
  day: string;
  from_day: string;
  to_day: string;
  lists: number[];
  only: string[];
  minutes: number;
  tries: number;
  saved: number;
  rectification: string | null;
  given: boolean;
}

export interface Section {
  hash: string;
  data: unknown;
}

export interface Sections {
  me: Me;
  places: Places;
  mine: MyReport[];
  inbox: InboxRow[];
  unit: Task[];
  round: Round;
  grid_places: GridPlace[];
  grid_past: GridPast[];
  households: LinkedHousehold[];
}

export interface StreetChoice {
  id: number;
  name: string;
  communities: CommunityChoice[];
}

export interface Sync {
  protocol: number;
  commands?: unknown[];
  have?: Record<string, string>;
}

export interface Synced {
  protocol: number;
  now: string;
  receipts: Receipt[];
  sections: Record<string, Section>;
}

export interface TakeOn {
  number: string;
  seen: number;
  promise?: string;
}

export interface Task {
  number: string;
  version: number;
  state: string;
  subject: string;
  text: string;
  place: string;
  area: string;
  level: string;
  due_at: string | null;
  mine: boolean;
  category: string | null;
  photo_before: boolean;
  photo_after: boolean;
  note: string;
  promise: string;
  photos: string[];
}

export interface Title {
  title: string;
  role: string;
}

export interface Visit {
  id: string;
  outcome: "closed_down" | "done" | "moved" | "nobody_there" | "not_found" | "refused";
  corrects?: string | null;
  task?: string | null;
  order?: string | null;
  place?: string | null;
  place_words?: string;
  community_id?: number | null;
  latitude?: number | null;
  longitude?: number | null;
  accuracy?: number | null;
  note?: string;
  lists?: ListAnswers[];
  findings?: VisitFinding[];
}

export interface VisitFinding {
  id: string;
  leads_to: "case" | "fixed" | "note" | "rectify";
  version?: number | null;
  item?: string;
  words?: string;
  due?: string | null;
  photos?: string[];
  before?: string[];
  after?: string[];
  for_name?: string;
  for_phone?: string;
  for_agreed?: boolean;
}
