PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE migrations (version integer not null primary key, name text not null);
INSERT INTO migrations VALUES(1,'first');
CREATE TABLE tenants (
        tenant text not null primary key, store_id text not null, surroundings integer not null);
INSERT INTO tenants VALUES('default','d54687aa6aec5a4ad8806e883227e75f',2);
CREATE TABLE versions (
        tenant text not null, version text not null, content text not null, primary key (tenant, version));
INSERT INTO versions VALUES('default','v1:sha256:e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67','{"description":"red"}');
INSERT INTO versions VALUES('default','v1:sha256:5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465','{"description":"sunny"}');
INSERT INTO versions VALUES('default','v1:sha256:40ecf6e9dd587dadb507e7b56f9493584f34b560005e38ea18562f71dae9fdac','{"description":"rainy"}');
INSERT INTO versions VALUES('default','v1:sha256:eece472cfc2fabe278d85484557f6fa1b43822afd36f5edf4968261b6ba717b9','{"description":"stormy"}');
CREATE TABLE snapshots (
        tenant text not null, server text not null, vantage text not null, digest text not null,
        protocol_version text not null, set_hashes text not null, definitions text not null,
        primary key (tenant, server, vantage, digest));
INSERT INTO snapshots VALUES('default','weather','default','sha256:8ba54dd0d58367b32a29716684349bd04f46fe0cbe200720dc8d04714c4d3240','2025-11-25','{}','[{"ref":{"server":"weather","kind":"tool","name":"alerts"},"refText":"weather/tool/alerts","version":"v1:sha256:e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67","flaws":[],"inexactNumbers":[],"masked":[],"isReadable":true},{"ref":{"server":"weather","kind":"tool","name":"forecast"},"refText":"weather/tool/forecast","version":"v1:sha256:5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465","flaws":[],"inexactNumbers":[],"masked":[],"isReadable":true}]');
INSERT INTO snapshots VALUES('default','weather','default','sha256:cf6477a79fc13834cfc89c99afb8ea0f5ef769607f3fc5e35ddc348326cfffe7','2025-11-25','{}','[{"ref":{"server":"weather","kind":"tool","name":"forecast"},"refText":"weather/tool/forecast","version":"v1:sha256:40ecf6e9dd587dadb507e7b56f9493584f34b560005e38ea18562f71dae9fdac","flaws":[],"inexactNumbers":[],"masked":[],"isReadable":true}]');
INSERT INTO snapshots VALUES('default','weather','default','sha256:fc200cbb6623b831c790f5a86474beb3204c4b6e51242f99109784a54a42d9aa','2025-11-25','{}','[{"ref":{"server":"weather","kind":"tool","name":"forecast"},"refText":"weather/tool/forecast","version":"v1:sha256:eece472cfc2fabe278d85484557f6fa1b43822afd36f5edf4968261b6ba717b9","flaws":[],"inexactNumbers":[],"masked":[],"isReadable":true}]');
CREATE TABLE current_texts (
        tenant text not null, server text not null, vantage text not null, ref_text text not null,
        raw_fingerprint text not null, content text not null, primary key (tenant, server, vantage, ref_text));
CREATE TABLE sightings (
        tenant text not null, server text not null, vantage text not null, ref_text text not null, version text not null,
        first_seen_at text not null, last_seen_at text not null, times integer not null, present_since integer,
        primary key (tenant, server, vantage, ref_text, version));
INSERT INTO sightings VALUES('default','weather','default','weather/tool/alerts','v1:sha256:e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67','2026-11-22T10:00:00.000Z','2026-11-22T10:00:00.000Z',1,NULL);
INSERT INTO sightings VALUES('default','weather','default','weather/tool/forecast','v1:sha256:5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465','2026-11-22T10:00:00.000Z','2026-11-22T10:00:00.000Z',1,NULL);
INSERT INTO sightings VALUES('default','weather','default','weather/tool/forecast','v1:sha256:40ecf6e9dd587dadb507e7b56f9493584f34b560005e38ea18562f71dae9fdac','2026-11-22T10:00:00.000Z','2026-11-22T10:00:00.000Z',1,NULL);
INSERT INTO sightings VALUES('default','weather','default','weather/tool/forecast','v1:sha256:eece472cfc2fabe278d85484557f6fa1b43822afd36f5edf4968261b6ba717b9','2026-11-22T10:00:00.000Z','2026-11-22T10:00:00.000Z',0,2);
CREATE TABLE checks (
        tenant text not null, server text not null, vantage text not null, revision integer not null,
        checks integer not null, at text not null, key text not null, raw_digest text not null,
        snapshot_digest text not null, primary key (tenant, server, vantage));
INSERT INTO checks VALUES('default','weather','default',4,3,'2026-11-22T10:00:00.000Z','key of {"forecast":"stormy"}','55e15de6d998ad02086cdc0b6dafebfb8b5d8e67a541d5d3ab75cf3a254fdcc0','sha256:fc200cbb6623b831c790f5a86474beb3204c4b6e51242f99109784a54a42d9aa');
CREATE TABLE surfaces (
        tenant text not null, server text not null, vantage text not null, tools text not null,
        primary key (tenant, server, vantage));
INSERT INTO surfaces VALUES('default','weather','default','["forecast"]');
CREATE TABLE outages (
        tenant text not null, server text not null, vantage text not null, since text not null,
        failures integer not null, code text not null, message text not null, primary key (tenant, server, vantage));
CREATE TABLE requests (
        tenant text not null, id integer not null, server text not null, vantage text not null, state text not null,
        digest text not null, provenance text not null, target text not null, urgency text not null, body text not null,
        flapping integer not null, opened_at text not null, settled_at text, settled_by text, comment text,
        superseded_by integer, leaf integer not null, primary key (tenant, id));
INSERT INTO requests VALUES('default',1,'weather','default','approved','sha256:2f5f112764902322a85f65747c3c9f0472eaa5261345e749a65f8413bdb6accc','v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b','[["weather/tool/forecast","v1:sha256:5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465"],["weather/tool/alerts","v1:sha256:e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67"]]','high','{"changes":[],"findings":[]}',0,'2026-11-22T10:00:00.000Z','2026-11-22T10:00:00.000Z','alice (terminal)',NULL,NULL,1);
INSERT INTO requests VALUES('default',2,'weather','default','rejected','sha256:cf6477a79fc13834cfc89c99afb8ea0f5ef769607f3fc5e35ddc348326cfffe7','v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b','[["weather/tool/forecast","v1:sha256:40ecf6e9dd587dadb507e7b56f9493584f34b560005e38ea18562f71dae9fdac"]]','high','{"changes":[],"findings":[]}',0,'2026-11-22T10:00:00.000Z','2026-11-22T10:00:00.000Z','alice (terminal)','no',NULL,8);
INSERT INTO requests VALUES('default',3,'weather','default','open','sha256:fc200cbb6623b831c790f5a86474beb3204c4b6e51242f99109784a54a42d9aa','v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b','[["weather/tool/forecast","v1:sha256:eece472cfc2fabe278d85484557f6fa1b43822afd36f5edf4968261b6ba717b9"]]','high','{"changes":[],"findings":[]}',0,'2026-11-22T10:00:00.000Z',NULL,NULL,NULL,NULL,10);
CREATE TABLE approvals (
        tenant text not null, id integer not null, server text not null, vantage text not null, ref_text text not null,
        version text not null, provenance text not null, content_digest text not null, approved_by text not null,
        approved_at text not null, request integer, leaf integer not null, ended_at text, ended_by text,
        primary key (tenant, id), unique (tenant, leaf));
INSERT INTO approvals VALUES('default',1,'weather','default','weather/tool/forecast','v1:sha256:5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465','v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b','5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465','alice (terminal)','2026-11-22T10:00:00.000Z',1,3,NULL,NULL);
INSERT INTO approvals VALUES('default',2,'weather','default','weather/tool/alerts','v1:sha256:e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67','v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b','e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67','alice (terminal)','2026-11-22T10:00:00.000Z',1,4,'2026-11-22T10:00:00.000Z','alice (terminal)');
CREATE TABLE waivers (
        tenant text not null, id integer not null, server text not null, rule text not null, ref_text text not null,
        version text not null, reason text not null, waived_by text not null, waived_at text not null,
        expires_at text not null, leaf integer not null, primary key (tenant, id));
INSERT INTO waivers VALUES('default',1,'weather','r','weather/tool/forecast','v1:sha256:5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465','harmless','alice (terminal)','2026-11-22T10:00:00.000Z','2026-12-01T00:00:00.000Z',7);
CREATE TABLE alerts (
        tenant text not null, id integer not null, dedup_key text not null, subject text not null, urgency text not null,
        created_at text not null, primary key (tenant, id), unique (tenant, dedup_key));
INSERT INTO alerts VALUES('default',1,'k','{"kind":"change-request","request":3}','high','2026-11-22T10:00:00.000Z');
CREATE TABLE deliveries (
        tenant text not null, id integer not null, alert integer not null, channel text not null, recipient text not null,
        state text not null, attempts integer not null, next_attempt_at text not null, lease_until text, sent_at text,
        message text, primary key (tenant, id), foreign key (tenant, alert) references alerts (tenant, id));
INSERT INTO deliveries VALUES('default',1,1,'email','bob@example.com','waiting',0,'2026-11-22T10:00:00.000Z',NULL,NULL,NULL);
CREATE TABLE links (
        tenant text not null, hash text not null, request integer not null, digest text not null, recipient text not null,
        issued_at text not null, expires_at text not null, used_at text, leaf integer not null,
        primary key (tenant, hash), foreign key (tenant, request) references requests (tenant, id));
INSERT INTO links VALUES('default','b1b1bdb480c61d075300d9bff7d9cb69cf31695ea048e478facadf426e8d0fb0',3,'sha256:fc200cbb6623b831c790f5a86474beb3204c4b6e51242f99109784a54a42d9aa','bob@example.com','2026-11-22T10:00:00.000Z','2026-12-01T00:00:00.000Z',NULL,11);
CREATE TABLE approvers (
        tenant text not null, name text not null, token_hash text not null, code_hash text not null,
        code_expires_at text not null, code_used_at text, added_at text not null, added_by text not null,
        leaf integer not null, primary key (tenant, name));
INSERT INTO approvers VALUES('default','bob','3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0','5694d08a2e53ffcae0c3103e5ad6f6076abd960eb1f8a56577040bc1028f702b','2026-12-01T00:00:00.000Z','2026-11-22T10:00:00.000Z','2026-11-22T10:00:00.000Z','alice (terminal)',12);
CREATE TABLE browsers (
        tenant text not null, session_hash text not null, name text not null, approver_leaf integer not null,
        enrolled_at text not null, expires_at text not null, leaf integer not null, primary key (tenant, session_hash));
INSERT INTO browsers VALUES('default','3f3af1ecebbd1410ab417ec0d27bbfcb5d340e177ae159b59fc8626c2dfd9175','bob',12,'2026-11-22T10:00:00.000Z','2026-12-01T00:00:00.000Z',13);
CREATE TABLE inputs (
        tenant text not null, name text not null, digest text not null, primary key (tenant, name));
INSERT INTO inputs VALUES('default','configuration','c');
INSERT INTO inputs VALUES('default','rules','r');
CREATE TABLE audit_entries (
        tenant text not null, position integer not null, at text not null, type text not null, actor text not null,
        digest text not null, ends integer, leaf_hash text not null, details text, salt text,
        primary key (tenant, position));
INSERT INTO audit_entries VALUES('default',0,'2026-11-22T12:00:00.000Z','store-created','sealwatch','6d5cf6f4cc9b43942114d5a01c73d4175c38e6c1824935ce0e36d42f8992c432',NULL,'d5e020578d8c0b73ae0faab633df88908d394b55f236049354360b0abb494d60','{"store":"d54687aa6aec5a4ad8806e883227e75f"}','b6b8b2c55f6cd85e76e9e89797a99073');
INSERT INTO audit_entries VALUES('default',1,'2026-11-22T10:00:00.000Z','request-opened','sealwatch','0a0da4bd07613670a20f2791656840b8a63268c9f4502374211c3b5f556d1d31',NULL,'ee3687868d49f7c3df6a3a04342aaf4d262b4954d05a717bfbb21398700f029f','{"request":1,"server":"weather","vantage":"default","digest":"sha256:2f5f112764902322a85f65747c3c9f0472eaa5261345e749a65f8413bdb6accc","provenance":"v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b","target":"2f5f112764902322a85f65747c3c9f0472eaa5261345e749a65f8413bdb6accc"}','93f5b3b098f95e587166e6451cca9894');
INSERT INTO audit_entries VALUES('default',2,'2026-11-22T10:00:00.000Z','request-approved','alice (terminal)','88387ab1f0f71b858cadbcdc1aaebdc0ba3dae6c0d4f97feb504e2a1869cc3dd',NULL,'f7626a7dd64c03bbd690652a05eeaddc056eeabdf88786ae47c4e4ead5f76611','{"request":1,"digest":"sha256:2f5f112764902322a85f65747c3c9f0472eaa5261345e749a65f8413bdb6accc","comment":null,"link":null}','6aaa05b97560e65d4c3a77d2e87721fa');
INSERT INTO audit_entries VALUES('default',3,'2026-11-22T10:00:00.000Z','approval','alice (terminal)','0ffd4d0d7eb2deb94533b7850b6fe5cd1b8a5ec16d9c566be2f63190be95d027',NULL,'21a99b6d9b2b8562912901eac26bf5f445f6c5e96fbb23b494833dfb56289b6c','{"server":"weather","vantage":"default","ref":"weather/tool/forecast","version":"v1:sha256:5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465","provenance":"v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b","content":"5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465","request":1}','2abc4ad47ccd08d9ff954eda1e7c1561');
INSERT INTO audit_entries VALUES('default',4,'2026-11-22T10:00:00.000Z','approval','alice (terminal)','6978a44b433de42cb60b4adff8cf3b0b1a71650c762b87c0259d28eaff695b46',NULL,'29fff6d4074ed743e8c0f5bd4f502f224b70cecea69b3359b863fbd94ce1f774','{"server":"weather","vantage":"default","ref":"weather/tool/alerts","version":"v1:sha256:e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67","provenance":"v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b","content":"e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67","request":1}','2cc3ff4a5d8e3cc2f28109f3e9110a47');
INSERT INTO audit_entries VALUES('default',5,'2026-11-22T10:00:00.000Z','revoked','alice (terminal)','5c1f0564fdc0531aee112430be8185fda4a2cd98a09debac358e0c9e5e59d459',NULL,'9f95c2718766c71e82800241ee655c562112c66079d0e04fbffa9f01edf9cc8c','{"refs":["weather/tool/alerts"],"comment":"not needed"}','084b57ac49930344c4bb142e95a7df56');
INSERT INTO audit_entries VALUES('default',6,'2026-11-22T10:00:00.000Z','approval-ended','alice (terminal)','9d54b162c1ffca4e78897ae1bef81ecd4b558dc2c5b26dc98f762d07a2dfd2b2',4,'ee1731590a1b05cc7b960d178221d0a3fd046a019730389678e1d64b7c59ebe7','{"server":"weather","vantage":"default","ref":"weather/tool/alerts","version":"v1:sha256:e7613a7fe4204327624de6e80b013592e9bd13b9882c2be488d7034e64d6ff67"}','4f721425edf0fd8451e879408a671235');
INSERT INTO audit_entries VALUES('default',7,'2026-11-22T10:00:00.000Z','waiver','alice (terminal)','a68688487a5d2178911330f4a7704a41a404748ef3ac6e0fe68ad5f2ffb2f805',NULL,'b7b0383f12fd9bffa26ae06ea8951364290d0d744f57aa7e9450272ae250d8e3','{"server":"weather","rule":"r","ref":"weather/tool/forecast","version":"v1:sha256:5caf4758703aa5d4006f3b01601fdb85f4ed889c6febfcca947e931e9332a465","reason":"harmless","expiresAt":"2026-12-01T00:00:00.000Z"}','7fb3dc2a9fdbba7d3c59d9d02e3b11cf');
INSERT INTO audit_entries VALUES('default',8,'2026-11-22T10:00:00.000Z','request-opened','sealwatch','5c972eaf7deb02421e10859809950e8b3544b310c51a79bf33b2606fdce75b5c',NULL,'30f52eb06025cb09105609bd6a4d093aa1387d1f8f8415ab42ad7c864ba6a6df','{"request":2,"server":"weather","vantage":"default","digest":"sha256:cf6477a79fc13834cfc89c99afb8ea0f5ef769607f3fc5e35ddc348326cfffe7","provenance":"v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b","target":"cf6477a79fc13834cfc89c99afb8ea0f5ef769607f3fc5e35ddc348326cfffe7"}','2fd7f6632b992312993ad85fbd42e36b');
INSERT INTO audit_entries VALUES('default',9,'2026-11-22T10:00:00.000Z','request-rejected','alice (terminal)','d01c93ddce7794a968c80d10260871bbca8487a7b190c51f00f824a10926fddd',NULL,'a1e0146207236ccf4db8d685fa64464f168ec61d57e39a960d44d9a83a8b3626','{"request":2,"digest":"sha256:cf6477a79fc13834cfc89c99afb8ea0f5ef769607f3fc5e35ddc348326cfffe7","comment":"no","link":null}','fa377e902ed6a2618c10f42565006ce8');
INSERT INTO audit_entries VALUES('default',10,'2026-11-22T10:00:00.000Z','request-opened','sealwatch','4c5c79def58f86e5d8b0692d017acc9bed7ea2c936c42eac9f92afc73ec79414',NULL,'6d073a1c836649cae46300fe9c977028e810dc77d648e378b265733acc4e0550','{"request":3,"server":"weather","vantage":"default","digest":"sha256:fc200cbb6623b831c790f5a86474beb3204c4b6e51242f99109784a54a42d9aa","provenance":"v1:sha256:96d815328a42cb4ef89d5e0b7a1df6be43b484832c83a7b4596d8402c7c0b12b","target":"fc200cbb6623b831c790f5a86474beb3204c4b6e51242f99109784a54a42d9aa"}','43ebad9bd0cf68fa0b813068a2c2d806');
INSERT INTO audit_entries VALUES('default',11,'2026-11-22T10:00:00.000Z','link-issued','sealwatch','ef49df05da54d3cd82ceafa025717fc634a15d480c87cc2cd5b3f3a60bdada38',NULL,'158b85d2813d1f213b6406c96782cc65d1ff22663859135ed29ca2d67316c089','{"link":"b1b1bdb480c61d075300d9bff7d9cb69cf31695ea048e478facadf426e8d0fb0","request":3,"digest":"sha256:fc200cbb6623b831c790f5a86474beb3204c4b6e51242f99109784a54a42d9aa","recipient":"bob@example.com","expiresAt":"2026-12-01T00:00:00.000Z"}','d2e6bdb9225a288883a16c5694a467fe');
INSERT INTO audit_entries VALUES('default',12,'2026-11-22T10:00:00.000Z','approver-added','alice (terminal)','d4d906a97f0170e2619fe92413cd17a3f7aab9c016457b23f0c1af09bb702197',NULL,'f1c25a6e9cab9d9fb0dac62f41dcc629f62ae6a20ebd3c41d05461315f449b69','{"name":"bob","token":"3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0","code":"5694d08a2e53ffcae0c3103e5ad6f6076abd960eb1f8a56577040bc1028f702b","codeExpiresAt":"2026-12-01T00:00:00.000Z"}','3f17c8ff96b9009e600a7e6ffdcecd89');
INSERT INTO audit_entries VALUES('default',13,'2026-11-22T10:00:00.000Z','browser-enrolled','bob','d71844c112c9b8c8701015e3acaa06b6dff5f250d2ab4d3fe111854902a2cb02',NULL,'13174d7b6c6cb7cf59a9a521d41d85ad322911ccf1c52b4e2f08377f15a7f0d1','{"name":"bob","approver":12,"session":"3f3af1ecebbd1410ab417ec0d27bbfcb5d340e177ae159b59fc8626c2dfd9175","expiresAt":"2026-12-01T00:00:00.000Z"}','2baebb517cb08789948cfb36f33a2a0d');
INSERT INTO audit_entries VALUES('default',14,'2026-11-22T10:00:00.000Z','configuration-changed','sealwatch','73e16f876273c61dc3c2351c771058127fbbbbd64a08604f06fd2e89e685b859',NULL,'2b86d27e7f884c901e571cbca881573fc6713c1d84900019525f31aea9767bce','{"before":null,"after":"c"}','78518c82ef910c1bf0ec7ef44882430a');
INSERT INTO audit_entries VALUES('default',15,'2026-11-22T10:00:00.000Z','rules-changed','sealwatch','059755da92dc69b16800e3cd2832899bee44abfdda8ee72a372f3b0ffa728ee7',NULL,'813f156123de836af1ae73ea12779dd9d2415ea08cee6e66876515dfa370a66a','{"before":null,"after":"r"}','23cd3d7ec9acdbbc8bd6a003da2ef380');
CREATE TABLE audit_heads (
        tenant text not null primary key, size integer not null, checkpoint text not null);
INSERT INTO audit_heads VALUES('default',16,replace('sealwatch/d54687aa6aec5a4ad8806e883227e75f\n16\nJbHT78VPNNxb8k48CaO5dUTCC1vlAoR+1lCSIUw9gPU=\n\n— sealwatch/d54687aa6aec5a4ad8806e883227e75f QjzeprYC03kedQtHA473Ew7U7pnhxuDUMDWw3osw7vh2XJ+zgMHkzZMZSY8vgyBcwx1irRO3aM3qjXKG3bYmID6zyAQ=\n','\n',char(10)));
CREATE INDEX sightings_present on sightings (tenant, server, vantage, present_since);
CREATE INDEX sightings_by_ref on sightings (tenant, ref_text);
CREATE INDEX requests_by_server on requests (tenant, server, vantage, state);
CREATE INDEX approvals_by_ref on approvals (tenant, ref_text);
CREATE INDEX approvals_by_server on approvals (tenant, server, vantage, ended_at);
CREATE INDEX waivers_by_server on waivers (tenant, server);
CREATE INDEX deliveries_by_state on deliveries (tenant, state, next_attempt_at);
COMMIT;
