package org.listserv.members;

import java.time.Instant;
import java.util.List;

import org.hibernate.StatelessSession;
import org.hibernate.annotations.processing.HQL;

/// Pages and people, checked against the entities when this is compiled.
interface MemberQueries {
    StatelessSession session();

    record SubscriberLine(long addressId, String mailbox, String name, String mode, String state, Instant since) {}

    /// `a.id > :after` follows from the rest; said, it lets a merge join begin there instead of at the first address of all.
    @HQL("""
            select s.addressId, a.mailbox, s.name, s.mode, s.state, s.since
              from SubscriptionRow s join AddressRow a on a.id = s.addressId
             where s.listId = :list and s.kind = :kind and s.addressId > :after and a.id > :after
             order by s.addressId
             limit :limit""")
    List<SubscriberLine> subscribers(long list, String kind, long after, int limit);

    @HQL("from AccessRow c where c.listId = :list and c.kind = :kind and c.pattern > :after order by c.pattern limit :limit")
    List<AccessRow> access(long list, String kind, String after, int limit);

    @HQL("from AddressRow a where a.normal = :normal")
    List<AddressRow> address(String normal);

    @HQL("from SubscriptionRow s where s.addressId = :address order by s.listId, s.kind")
    List<SubscriptionRow> subscriptionsOf(long address);

    @HQL("from RoleRow r where r.addressId = :address order by r.listId, r.role")
    List<RoleRow> rolesOf(long address);

    @HQL("from AccessRow c where c.pattern = :address or c.pattern = :everyoneThere order by c.listId, c.kind, c.pattern")
    List<AccessRow> accessOf(String address, String everyoneThere);
}
