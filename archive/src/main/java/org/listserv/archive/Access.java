package org.listserv.archive;

import java.util.List;
import java.util.Locale;

import org.listserv.mail.EmailAddress;

/// Which lists a reader may read, as SQL. Every statement of this package contains one of these pieces.
final class Access {
    private Access() {}

    /// A condition on the row `l` of `list`. One parameter: [#reader].
    static final String READABLE = """
            (l.archive = 'public' or l.archive = 'members' and exists (
                select from address a
                 where a.normal = any (?)
                   and (exists (select from subscription s where s.address_id = a.id and s.list_id = l.id)
                     or exists (select from list_role r where r.address_id = a.id and r.list_id = l.id))))
            """;

    /// The id of a list, null where it does not exist or may not be read. Three parameters: [#list]. As a scalar it is
    /// a constant for the planner, so `list_id = (...) order by filed_at` comes from the index in order, without a sort.
    static final String LIST_ID = "(select l.id from list l join domain d on d.id = l.domain_id"
            + " where d.name = ? and l.local_part = ? and " + READABLE + ")";

    static Object reader(Reader reader) {
        return reader.addresses().toArray(String[]::new);
    }

    static List<Object> list(Reader reader, EmailAddress list) {
        return List.of(list.domain(), localPart(list), reader(reader));
    }

    /// For statements of administrators, who need no leave to read.
    static List<Object> list(EmailAddress list) {
        return List.of(list.domain(), localPart(list));
    }

    private static String localPart(EmailAddress list) {
        return list.localPart().toLowerCase(Locale.ROOT);
    }
}
