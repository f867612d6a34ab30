/** Datasets, Runs with what their trainers say, Evaluations. */
export const training = `
-- What a Run learns from, frozen: files beside the session, named by their content.
create table dataset (
  id integer primary key,
  hash text not null unique,       -- SHA-256 of its content, in an order that names alone decide
  folder text not null,            -- from the session's own folder
  trajectories integer not null,
  resolved integer not null,
  pairs integer not null,
  settings text not null,          -- JSON: merge mode, threshold, which pairs: how it came about
  created_at text not null
) strict;

-- One training of one Dataset; its process is a job.
create table run (
  id integer primary key,
  job_id integer not null references job (id),
  dataset_id integer not null references dataset (id),
  name text not null,
  trainer text not null check (trainer in ('embedded', 'torch')),
  model text not null,             -- what it starts from
  folder text not null,            -- from the session's own folder: weights and states of the trainer
  settings text not null           -- JSON: RunSettings
) strict;
create index run_job on run (job_id);

-- Append-only: what the trainer of a Run said (src/training/run-event.ts), in order.
create table metric (
  run_id integer not null references run (id),
  seq integer not null,            -- 1, 2, …
  at_ms integer not null,
  type text not null,
  body text not null,              -- JSON: RunEvent
  primary key (run_id, seq)
) strict, without rowid;
create trigger metric_is_append_only_update before update on metric begin select raise(abort, 'metrics are append-only'); end;
create trigger metric_is_append_only_delete before delete on metric begin select raise(abort, 'metrics are append-only'); end;

-- Rollouts of one job that measure a policy: they never enter trees and datasets.
create table evaluation (
  id integer primary key,
  job_id integer not null unique references job (id),
  name text not null,
  model text not null,
  created_at text not null
) strict;

-- Whose rollout wrote a trajectory, also when another attempt has taken its place since; NULL: imported.
alter table trajectory add column rollout_id integer references rollout (id);
update trajectory set rollout_id = (select id from rollout where trajectory_id = trajectory.id);
`
