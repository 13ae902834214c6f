/**
 * Words that the names of honest tools are made of, in the names of three or more of the npm servers that were looked at, with what is told
 * of files, mail, pages and issues everywhere. Two servers that both have `create_issue` have nothing to do with each other.
 */
const WORDS = new Set(
  `account accounts action add agent all analyze and api app application apps apply area article articles attachment attachments audit authenticate
   automation back balance batch board branch branches browser bucket buckets build by calendar call cancel category channel channels chart chat
   check clear click close code column columns command comment comments commit commits component components config configuration connect connection
   console contact contacts container containers content contents convert copy count create customer customers dashboard data database databases
   date default delete deploy deployment deployments describe details diff directory docs document documentation documents download draft drag
   drafts edit element email emails environment error errors evaluate event events execute export extract feed fetch file files fill filter find
   folder folders for forecast form forward from generate geocode get git go graph group groups health help history host hover image images import
   in index indices info input insert install invoice invoices is issue issues item items job jobs key keys keyboard label labels launch line link
   links list load location log login logout logs mail mailbox map mark matrix member members memory merge message messages metadata metrics
   migration move name navigate network new node nodes note notes notification notifications on open options or order orders organization
   organizations page pages patch path payment performance permissions photo place places plan play post posts press preview price process
   product products profile profiles project projects prompt provider publish pull push query queue read record records region remove rename
   reply report repo repos repositories repository request requests reset resize resolve resource resources restart result results role roles
   rows rule rules run save scale schedule schema screen screenshot script scrape search secret section sections select send server servers
   service services session sessions set settings setup share show site snapshot space sql stack start state static stats status stop storage
   stream string structure submit subscription sum summarize summary sync tab table tables tabs tag tags take task tasks team teams template
   templates test tests text thread threads ticket tickets time to token tool tools trace traces translate transaction transactions transcript tree
   trigger type ui undo update upload url usage user users validate value values variable variables verify version versions video videos view wait
   weather web webhook webhooks window with wiki word workflow workflows workspace workspaces write zoom`
    .trim()
    .split(/\s+/),
);

/** Whether a tool's name says no more than a thousand others do. */
export function isCommonName(name: string): boolean {
  const words = name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
  return words.every((word) => WORDS.has(word));
}
