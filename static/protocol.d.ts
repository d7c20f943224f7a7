// Written by `python -m server.devices.types` from server/devices/protocol.py; do not edit.

export interface Answer {
  number: string;
  head: string;
  due_at?: string | null;
  link?: string | null;
  state?: string | null;
  version?: number | null;
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

export interface Me {
  account: string | null;
  name: string;
  posts: Title[];
  key: string | null;
  days: number;
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

export interface Section {
  hash: string;
  data: unknown;
}

export interface Sections {
  me: Me;
  places: Places;
  mine: MyReport[];
  unit: Task[];
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
