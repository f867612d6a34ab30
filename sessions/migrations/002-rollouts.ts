/** Tasks that can be rolled out, jobs, their rollouts, what happened in them, what people asked of them, verdicts. */
export const rollouts = `
-- What rollouts and grading need of a task; a task that is only known from imported trajectories has none.
create table task_definition (
  task_id integer primary key references task (id),
  position integer not null,       -- order of import
  task_set text not null,
  definition any not null          -- JSON: TaskDefinition (text reference)
) strict;

-- One detached process doing rollouts.
create table job (
  id integer primary key,
  kind text not null check (kind in ('rollout', 'training', 'demo')),
  settings text not null,          -- JSON; never a key, only the name of the variable that holds it
  state text not null check (state in ('running', 'waiting', 'paused', 'done', 'stopped', 'failed')),
  note text,                       -- why it waits, or what went wrong
  host text,
  pid integer,
  process_start text,              -- tells a process from a later one with the same number
  heartbeat_ms integer not null,
  server text,                     -- JSON: newest figures of the model server
  created_at text not null,
  ended_at text
) strict;

create table rollout (
  id integer primary key,
  job_id integer not null references job (id),
  task_id integer not null references task (id),
  run text not null,
  attempt integer not null,        -- grows when it is queued again
  state text not null check (state in ('queued', 'starting', 'running', 'paused', 'grading', 'done', 'cancelled')),
  trajectory_id integer references trajectory (id), -- NULL: no step yet
  prefix_trajectory_id integer references trajectory (id), -- expanded from a node: whose steps 1 … prefix_steps are replayed first
  prefix_steps integer not null default 0,
  ended text,                      -- EndReason
  infrastructure text,
  outcome text not null check (outcome in ('resolved', 'unresolved', 'unknown')),
  steps integer not null,
  usage text not null,             -- JSON: Usage
  action text not null,            -- label of the newest action, raw text
  phase text,
  phase_note text,
  live_kind text not null,         -- 'reply', 'reasoning', 'call', 'output' or '': what is being received
  live text not null,              -- its tail
  stuck text,                      -- JSON: StuckDetection and its effect; NULL: not in a loop now
  patch any,                       -- so far
  verdict_key text,
  attach text,                     -- JSON: argv that opens a shell in its sandbox
  started_ms integer,
  ended_ms integer,
  active_ms integer,
  revision integer not null
) strict;
create index rollout_job on rollout (job_id, state);
create index rollout_task on rollout (task_id);
create index rollout_by_revision on rollout (revision);
create index rollout_trajectory on rollout (trajectory_id);

-- Counts every change of a rollout row, apart from the revision that trees depend on.
create table rollout_revision (id integer primary key check (id = 1), value integer not null) strict;
insert into rollout_revision values (1, 0);

-- Append-only: what happened in a job, in order.
create table event (
  seq integer primary key autoincrement,
  job_id integer not null references job (id),
  rollout_id integer references rollout (id),
  at_ms integer not null,
  kind text not null,
  body text not null               -- JSON
) strict;
create index event_rollout on event (rollout_id, seq);
create trigger event_is_append_only_update before update on event begin select raise(abort, 'events are append-only'); end;
create trigger event_is_append_only_delete before delete on event begin select raise(abort, 'events are append-only'); end;

-- What a person asks of a job; the job takes them in order.
create table request (
  seq integer primary key autoincrement,
  job_id integer not null references job (id),
  rollout_id integer references rollout (id), -- NULL: the whole job
  kind text not null,
  text text,
  at_ms integer not null,
  taken_ms integer
) strict;
create index request_open on request (job_id) where taken_ms is null;

create table verdict (
  key text primary key,
  verdict any not null,            -- JSON: Verdict (text reference)
  at_ms integer not null
) strict, without rowid;
`
