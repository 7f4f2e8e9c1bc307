package org.listserv.lists;

import java.util.List;

import org.hibernate.StatelessSession;
import org.hibernate.annotations.processing.Find;
import org.hibernate.annotations.processing.HQL;

/// Queries over domains and lists, checked against the entities when this is compiled.
interface ListQueries {
    StatelessSession session();

    @Find
    List<DomainRow> domainsNamed(String name);

    @HQL("select new org.listserv.lists.MailDomain(d.name, (select count(*) from ListRow l where l.domainId = d.id), d.createdAt) "
            + "from DomainRow d order by d.name")
    List<MailDomain> domains();

    @HQL("from ListRow l where l.domainId = :domainId and l.localPart = :localPart")
    List<ListRow> lists(long domainId, String localPart);

    @HQL("select l.localPart from ListRow l where l.domainId = :domainId")
    List<String> names(long domainId);

    @HQL("select d.name from DomainRow d where d.id = :id")
    String domainName(long id);
}
