-- Which process a node's row belongs to: of two that were given one name the later works, and the earlier steps aside instead of taking the
-- name back, which would free the batches of both every second.
alter table node add column process uuid;       -- null: of a version before
