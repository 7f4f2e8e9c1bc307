package org.listserv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.persistence.Entity;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class MappingTest {

    @Test
    void every_entity_there_is_is_mapped() {
        var entities = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.listserv")
                .stream().filter(type -> type.isAnnotatedWith(Entity.class)).map(type -> type.getName());
        assertThat(entities).isNotEmpty().containsExactlyInAnyOrderElementsOf(Mapping.ENTITIES);
    }

    @Test
    void the_schema_has_what_the_entities_need() {
        try (var test = TestDatabase.fresh()) {
            test.database().checkMapping();
        }
    }

    @Test
    void a_missing_column_is_named() {
        try (var test = TestDatabase.fresh()) {
            test.sql("alter table list rename column hold_hours to held_hours");
            assertThatThrownBy(() -> test.database().checkMapping())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("[hold_hours] in table [list]")
                    .hasMessageContaining("listserv migrate");
        }
    }

    @Test
    void a_column_of_the_next_version_does_not_matter() {
        try (var test = TestDatabase.fresh()) {
            test.sql("alter table list add column from_the_future text not null default ''");
            test.database().checkMapping();
        }
    }

    @Test
    void without_a_database_the_check_says_so() {
        try (var test = TestDatabase.empty(); var wire = new Wire(test.settings()); var away = Database.open(wire.settings())) {
            wire.cut();
            assertThatThrownBy(away::checkMapping).isInstanceOf(DatabaseUnavailable.class);
        }
    }
}
