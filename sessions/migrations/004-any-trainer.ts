/** Runs of trainers that are not ours: they learn from files of their own, no Dataset. */
export const anyTrainer = `
create table run_of_any_trainer (
  id integer primary key,
  job_id integer not null references job (id),
  dataset_id integer references dataset (id),  -- NULL: an external trainer's run
  name text not null,
  trainer text not null check (trainer in ('embedded', 'torch', 'external')),
  model text not null,             -- what it starts from
  folder text not null,            -- from the session's own folder: weights and states of the trainer, or what an external one writes
  settings text not null           -- JSON
) strict;
insert into run_of_any_trainer select id, job_id, dataset_id, name, trainer, model, folder, settings from run;

create table metric_of_any_trainer (
  run_id integer not null references run_of_any_trainer (id),
  seq integer not null,            -- 1, 2, …
  at_ms integer not null,
  type text not null,
  body text not null,              -- JSON: RunEvent
  primary key (run_id, seq)
) strict, without rowid;
insert into metric_of_any_trainer select run_id, seq, at_ms, type, body from metric;

drop table metric;
drop table run;
alter table run_of_any_trainer rename to run;
alter table metric_of_any_trainer rename to metric;
create index run_job on run (job_id);
create trigger metric_is_append_only_update before update on metric begin select raise(abort, 'metrics are append-only'); end;
create trigger metric_is_append_only_delete before delete on metric begin select raise(abort, 'metrics are append-only'); end;
`
