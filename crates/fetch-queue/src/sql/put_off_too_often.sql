-- What something of ours has put off so many times ($1), first so many seconds ago ($2). That it was put off at
-- all is what the index is of.
select id, message from fetch_requests
where state in ('accepted', 'waiting') and login_until is null and put_off > 0 and put_off >= $1
  and put_off_since < clock_timestamp() - make_interval(secs => $2)
for update skip locked
