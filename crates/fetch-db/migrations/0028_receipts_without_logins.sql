-- No PACER username is kept in a row. A court's receipt names the account that pays; of that name a
-- keyed digest is kept, which only the holders of the key of sessions can make, and its last two
-- characters, by which people tell their accounts apart. The page itself shows it as the court prints
-- it, and is kept as it came.

-- Whoever writes a receipt, and in whatever version: what names an account is taken out here. A program
-- of this version gives no name, but the digest of the one on the receipt; for others, what is known is
-- the account that the request was accepted with.
create function keep_no_pacer_login() returns trigger language plpgsql as $$
declare
    login constant text := coalesce(new.receipt->>'pacer_login', '');
begin
    new.receipt := new.receipt - 'pacer_login';
    if login <> '' then
        new.receipt := new.receipt || jsonb_build_object('payer', jsonb_build_object(
            'account_digest', new.account_digest,
            'ends_in', right(login, 2)));
    end if;
    return new;
end
$$;

create trigger purchases_keep_no_pacer_login
    before insert or update of receipt on purchases
    for each row
    when (new.receipt ? 'pacer_login')
    execute function keep_no_pacer_login();

update purchases set receipt = receipt where receipt ? 'pacer_login';
