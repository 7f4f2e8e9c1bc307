package org.listserv.store;

import java.sql.Connection;
import java.util.List;
import javax.sql.DataSource;

import org.hibernate.JDBCException;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.hibernate.cfg.Configuration;
import org.hibernate.tool.schema.spi.SchemaManagementException;
import org.jspecify.annotations.Nullable;

/// Hibernate, set up in one place and only when somebody asks: a command of plain SQL must not pay for it.
final class Mapping implements AutoCloseable {

    /// Every entity there is. By name, because entities are private to the packages that own their tables.
    static final List<String> ENTITIES = List.of(
            "org.listserv.lists.DomainRow",
            "org.listserv.lists.ListRow",
            "org.listserv.members.AccessRow",
            "org.listserv.members.AddressRow",
            "org.listserv.members.RoleRow",
            "org.listserv.members.SubscriptionRow");

    private final DataSource pool;
    private @Nullable SessionFactory factory;

    Mapping(DataSource pool) {
        this.pool = pool;
    }

    StatelessSession session(Connection connection) {
        return factory().withStatelessOptions().connection(connection).openStatelessSession();
    }

    void check() {
        try {
            factory().getSchemaManager().validateMappedObjects();
        } catch (SchemaManagementException e) {
            throw new IllegalStateException("the database does not have what this version needs: " + e.getMessage()
                    + "; run `listserv migrate`", e);
        } catch (JDBCException e) {
            throw Database.failure(e.getSQLException());
        }
    }

    private synchronized SessionFactory factory() {
        if (factory == null) {
            factory = build();
        }
        return factory;
    }

    private SessionFactory build() {
        var configuration = new Configuration();
        for (var name : ENTITIES) {
            try {
                configuration.addAnnotatedClass(Class.forName(name));
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException("no entity " + name, e);
            }
        }
        configuration.getProperties().put("hibernate.connection.datasource", pool);
        // Nothing is asked of the database before the first statement: it may be away while a node starts.
        configuration.setProperty("hibernate.boot.allow_jdbc_metadata_access", "false");
        configuration.setProperty("jakarta.persistence.database-product-name", "PostgreSQL");
        configuration.setProperty("jakarta.persistence.database-major-version", "15");
        configuration.setProperty("hibernate.hbm2ddl.auto", "none");
        // Transactions are Database's business: a session joins the one its connection is in.
        configuration.setProperty("hibernate.allow_update_outside_transaction", "true");
        configuration.setProperty("hibernate.jdbc.batch_size", "100");
        // Whoever catches the exception logs it, once.
        configuration.setProperty("hibernate.jdbc.log.errors", "false");
        configuration.setProperty("hibernate.xml_mapping_enabled", "false");
        return configuration.buildSessionFactory();
    }

    @Override
    public synchronized void close() {
        if (factory != null) {
            factory.close();
        }
    }
}
