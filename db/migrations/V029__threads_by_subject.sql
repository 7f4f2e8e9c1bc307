-- Some mail programs answer without saying what: neither References nor In-Reply-To. Such a post goes to the newest thread with its subject, so posts
-- are found by that: RFC 5256 §2.1, the base subject. Only here is it known what that is; Posting asks before it calls take(), and hands over the
-- Message-ID that was found as if the post had named it. A post of another node that commits in between is not seen: then there are two threads.

-- The subject without marks of answers and forwards in front (U+FF1A is the colon of Chinese ones), tags in brackets (a list's prefix, [PATCH 1/2]) and
-- `(fwd)` behind; ASCII letters without case, white space as one space. As a number, so that entries of the index stay small. Null where nothing is left.
create function subject_key(subject text) returns bigint
    language sql immutable strict parallel safe as $$
    select hashtextextended(lower(nullif(trim(regexp_replace(regexp_replace(regexp_replace(subject collate "C",
               '^(\s|\[[^][]*\]|(re|aw|antw|antwort|sv|vs|vá|odp|ynt|res|rif|ref|回复|回覆|答复|答覆|fwd?|wg)\s*(\[[^][]*\]|\(\d+\)|\^\d+)?\s*[:\uFF1A])+', '', 'i'),
               '(\s*\(fwd\))+\s*$', '', 'i'),
               '\s+', ' ', 'g')), '') collate "C"), 0)
$$;

-- Does the outermost mark say that this answers something?
create function subject_answers(subject text) returns boolean
    language sql immutable strict parallel safe as $$
    select subject collate "C" ~* '^(\s|\[[^][]*\])*(re|aw|antw|antwort|sv|vs|vá|odp|ynt|res|rif|ref|回复|回覆|答复|答覆)\s*(\[[^][]*\]|\(\d+\)|\^\d+)?\s*[:\uFF1A]'
$$;

create index post_subject on post (list_id, subject_key(subject), filed_at, seq);

-- What a post with this subject answers, if it does not say: the newest post with the same one in the list, filed in so many days before it (null: now).
-- `parent` is what that thread began with, as RFC 5256 §3 (5) has it: the first reference of the post found, itself where it has none or was taken out
-- of the thread of what it refers to. No row where there is nothing to answer.
create function answered_by_subject(list bigint, reply text, filed timestamptz, days integer) returns table (parent text, parent_filed_at timestamptz)
    language plpgsql stable set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
    key    bigint := subject_key(reply);
    newest post%rowtype;
begin
    if key is null or not subject_answers(reply) then
        return;
    end if;
    select * into newest
      from post p
     where p.list_id = list
       and subject_key(p.subject) = key
       and p.filed_at >= coalesce(filed, clock_now()) - make_interval(days => days)
       and p.filed_at <= coalesce(filed, 'infinity')
     order by p.filed_at desc, p.seq desc
     limit 1;
    if not found then
        return;
    end if;
    parent := newest.message_id;
    parent_filed_at := newest.filed_at;
    if newest.refs <> '{}' and exists (
        select 1
          from thread_message_id tm
          join thread its on its.id = tm.thread_id
          join thread own on own.id = newest.thread_id
         where tm.list_id = list
           and tm.message_id_hash = ('x' || encode(substr(sha256(convert_to(newest.refs[1], 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
           and coalesce(its.merged_into, its.id) = coalesce(own.merged_into, own.id)) then
        parent := newest.refs[1];
    end if;
    return next;
end $$;
