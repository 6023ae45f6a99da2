-- A batch of one was planned anew each time, for PostgreSQL takes a plan for unknown arrays to be
-- dearer than planning: 0.70 ms of CPU a message instead of 0.15. Larger batches got the same plan
-- either way. The tables are reached by their keys whatever they held when the plan was made.
alter function append_messages(uuid[], uuid[], uuid[], uuid[], uuid[], bigint[], bytea[])
  set plan_cache_mode = force_generic_plan;
alter function append_messages(uuid[], uuid[], uuid[], uuid[], uuid[], bigint[], bytea[])
  set enable_seqscan = off;
alter function advance_cursors(uuid[], uuid[], bigint[])
  set plan_cache_mode = force_generic_plan;
alter function advance_cursors(uuid[], uuid[], bigint[])
  set enable_seqscan = off;
