/** Webhooks of an organization, and those that notify people. Names and types are those of Docker Scout's schema. */
export const webhooks = `
input CreateWebhookInput {
  payloadUrl: String!
  events: [WebhookEvent!]!
  signingKey: String
  active: Boolean!
}
input UpdateWebhookInput {
  id: String!
  payloadUrl: String!
  events: [WebhookEvent!]!
  signingKey: String
  active: Boolean!
}
input AddNotificationWebhookInput {
  ID: String
  name: String!
  webhookType: WebhookType!
  url: String!
  repositories: [String]
  filterType: RepositoryFilterType
  weeklyReportSettings: WeeklyReportSettingsInput
  streams: [String]
}
input UpdateNotificationWebhookInput {
  ID: String!
  name: String
  webhookType: WebhookType
  url: String
  repositories: [String]
  filterType: RepositoryFilterType
  weeklyReportSettings: WeeklyReportSettingsInput
  streams: [String]
}
input NotificationWebhookFilterInput {
  webhookType: WebhookType
}
input WeeklyReportSettingsInput {
  enabled: Boolean
  excludeTopVulnerabilities: Boolean
  excludePolicies: Boolean
}
enum WebhookEvent {
  EVERYTHING
  DHI_MIRROR_COMPLETED
}
enum WebhookType {
  GENERIC
  SLACK
}
enum RepositoryFilterType {
  ALLOW
  BLOCK
}
type ListWebhooksResult {
  items: [Webhook!]!
}
type Webhook {
  id: String!
  payloadUrl: String!
  events: [WebhookEvent!]!
  signingKey: String
  active: Boolean!
  updatedAt: String!
}
type DeleteWebhookResult {
  success: Boolean!
}
union NotificationWebhookResult = GenericWebhook | SlackWebhook
type GenericWebhook {
  ID: String!
  name: String!
  author: NotificationWebhookAuthor!
  updatedAt: String!
  url: String!
  repositories: [String!]!
  filterType: RepositoryFilterType!
  streams: [String!]!
}
type SlackWebhook {
  ID: String!
  name: String!
  author: NotificationWebhookAuthor!
  updatedAt: String!
  url: String!
  repositories: [String!]!
  filterType: RepositoryFilterType!
  weeklyReportSettings: WeeklyReportSettings!
  streams: [String!]!
}
type NotificationWebhookAuthor {
  name: String!
  email: String!
}
type WeeklyReportSettings {
  enabled: Boolean!
  excludeTopVulnerabilities: Boolean!
  excludePolicies: Boolean!
}
`;
