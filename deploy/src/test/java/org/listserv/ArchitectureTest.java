package org.listserv;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import org.junit.jupiter.api.Test;

/// The shape of the system: which part may know which, and which library lives where.
class ArchitectureTest {

    private static final String[] CORE = {"org.listserv.mail..", "org.listserv.lists..", "org.listserv.members..",
            "org.listserv.reception..", "org.listserv.moderation..", "org.listserv.posting..", "org.listserv.delivery..",
            "org.listserv.bounce..", "org.listserv.requests..", "org.listserv.digests..", "org.listserv.notices..",
            "org.listserv.seal..", "org.listserv.store.."};

    private static final ImportOption WITHOUT_TESTS = new ImportOption() {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/") && !location.contains("-tests.jar");
        }
    };

    private static final JavaClasses PROGRAM = new ClassFileImporter().withImportOption(WITHOUT_TESTS).importPackages("org.listserv");

    @Test
    void all_modules_but_bench_are_looked_at() {
        assertThat(PROGRAM.stream().map(c -> c.getPackageName()).distinct())
                .contains("org.listserv.mail", "org.listserv.store", "org.listserv.smtp", "org.listserv.archive", "org.listserv.web",
                        "org.listserv.deploy")
                .doesNotContain("org.listserv.bench");
    }

    @Test
    void every_package_belongs_to_a_module_that_is_named_here() {
        noClasses().that().resideOutsideOfPackages(CORE)
                .should()
                .resideOutsideOfPackages("org.listserv.smtp..", "org.listserv.archive..", "org.listserv.web..", "org.listserv.deploy..")
                .check(PROGRAM);
    }

    @Test
    void the_core_knows_no_door_no_archive_no_page_and_no_wiring() {
        noClasses().that().resideInAnyPackage(CORE)
                .should().dependOnClassesThat()
                .resideInAnyPackage("org.listserv.smtp..", "org.listserv.archive..", "org.listserv.web..", "org.listserv.deploy..")
                .check(PROGRAM);
    }

    @Test
    void the_smtp_server_knows_only_the_core() {
        noClasses().that().resideInAPackage("org.listserv.smtp..")
                .should().dependOnClassesThat().resideInAnyPackage("org.listserv.archive..", "org.listserv.web..", "org.listserv.deploy..")
                .check(PROGRAM);
    }

    @Test
    void the_archive_knows_only_the_core() {
        noClasses().that().resideInAPackage("org.listserv.archive..")
                .should().dependOnClassesThat().resideInAnyPackage("org.listserv.smtp..", "org.listserv.web..", "org.listserv.deploy..")
                .check(PROGRAM);
    }

    @Test
    void the_pages_know_neither_the_smtp_server_nor_the_wiring() {
        noClasses().that().resideInAPackage("org.listserv.web..")
                .should().dependOnClassesThat().resideInAnyPackage("org.listserv.smtp..", "org.listserv.deploy..")
                .check(PROGRAM);
    }

    @Test
    void only_the_smtp_server_imports_james_protocols_and_netty() {
        noClasses().that().resideOutsideOfPackage("org.listserv.smtp..")
                .should().dependOnClassesThat().resideInAnyPackage("org.apache.james.protocols..", "org.apache.james.core..",
                        "org.apache.james.metrics..", "org.apache.james.util..", "io.netty..")
                .check(PROGRAM);
    }

    @Test
    void only_the_archive_imports_lucene() {
        noClasses().that().resideOutsideOfPackage("org.listserv.archive..")
                .should().dependOnClassesThat().resideInAPackage("org.apache.lucene..")
                .check(PROGRAM);
    }

    @Test
    void only_pages_and_wiring_import_spring_and_the_web_container() {
        noClasses().that().resideOutsideOfPackages("org.listserv.web..", "org.listserv.deploy..")
                .should().dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "jakarta.servlet..", "org.apache.catalina..", "org.thymeleaf..")
                .check(PROGRAM);
    }

    @Test
    void pools_hibernate_and_migrations_are_set_up_in_store_only() {
        noClasses().that().resideOutsideOfPackage("org.listserv.store..")
                .should().dependOnClassesThat().resideInAnyPackage("com.zaxxer.hikari..", "org.flywaydb..", "org.hibernate.boot..",
                        "org.hibernate.cfg..", "org.hibernate.service..", "org.hibernate.engine.jdbc.connections..")
                .check(PROGRAM);
        noClasses().that().resideOutsideOfPackage("org.listserv.store..")
                .should().dependOnClassesThat().haveFullyQualifiedName("org.hibernate.SessionFactory")
                .orShould().dependOnClassesThat().haveFullyQualifiedName("jakarta.persistence.EntityManagerFactory")
                .orShould().dependOnClassesThat().haveFullyQualifiedName("jakarta.persistence.Persistence")
                .check(PROGRAM);
    }

    @Test
    void only_the_demo_starts_a_database_or_a_mailbox_server() {
        noClasses().that().resideOutsideOfPackage("org.listserv.deploy..")
                .should().dependOnClassesThat().resideInAnyPackage("io.zonky..", "com.icegreen..")
                .check(PROGRAM);
    }

    @Test
    void packages_follow_features_never_layers() {
        assertThat(PROGRAM.stream().map(c -> c.getPackage()).map(JavaPackage::getName).distinct())
                .noneMatch(name -> name.matches(
                        ".*\\.(service|services|model|models|util|utils|impl|dto|helper|helpers|common|controller|repository)(\\..*)?"));
    }
}
