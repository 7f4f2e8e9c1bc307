package org.listserv.lists;

import java.time.Instant;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import org.jspecify.annotations.Nullable;

/// A row of `domain`.
@Entity(name = "DomainRow")
@Table(name = "domain")
class DomainRow {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    long id;

    String name = "";

    @Nullable
    @Column(name = "created_at", insertable = false, updatable = false)
    Instant createdAt;
}
