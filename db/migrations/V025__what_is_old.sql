-- What `retention` deletes is found by its age: without these each run read the tables as a whole.
create index delivery_total_age on delivery_total (finished_at);
create index bounce_age on bounce (received_at);
create index audit_age on audit (at);
create index held_post_age on held_post (decided_at) where decided_at is not null;
create index aside_age on aside (decided_at) where decided_at is not null;
