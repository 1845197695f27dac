/** What can be changed. Names and types are those of Docker Scout's schema, of which this is a part. */
export const mutations = `
type Mutation {
  indexImage(context: Context!, image: IndexImageInput!): IndexImageResult!
  addImageToStream(context: Context!, input: AddImageToStreamInput!): AddImageToStreamResult!
  setStreamImages(context: Context!, input: SetStreamImagesInput!): SetStreamImagesResult!
  addVulnerabilityException(
    context: Context!
    input: AddVulnerabilityExceptionInput!
  ): AddVulnerabilityExceptionResult!
  updateVulnerabilityException(
    context: Context!
    input: UpdateVulnerabilityExceptionInput!
  ): UpdateVulnerabilityExceptionResult!
  removeVulnerabilityException(
    context: Context!
    input: RemoveVulnerabilityExceptionInput!
  ): RemoveVulnerabilityExceptionResult!
  setRepoVulnerabilityReporting(
    context: Context
    reporting: RepoVulnerabilityReportingInput!
    integration: IntegrationConfigurationInput
  ): VulnerabilityReportingRepoFeature
  setMultiRepoVulnerabilityReporting(
    context: Context
    reporting: MultiRepoVulnerabilityReportingInput!
    integration: IntegrationConfigurationInput
  ): [VulnerabilityReportingResult!]!
  setEnableReposOnPush(
    context: Context!
    input: SetEnableReposOnPushInput!
  ): SetEnableReposOnPushResult!
  setReposBlocked(
    context: Context!
    input: ReposBlockedInput!
    integration: IntegrationConfigurationInput
  ): [BlockedRepoResult!]!
  dhiSetMirroredRepository(
    context: Context!
    input: DhiSetMirroredRepositoryInput!
  ): DhiSetMirroredRepositoryResponse
  dhiRemoveMirroredRepository(
    context: Context!
    input: DhiRemoveMirroredRepositoryInput!
  ): MutationResponse!
  createWebhook(context: Context!, input: CreateWebhookInput!): Webhook!
  updateWebhook(context: Context!, input: UpdateWebhookInput!): Webhook!
  deleteWebhook(context: Context!, id: String!): DeleteWebhookResult!
  addNotificationWebhook(
    context: Context!
    input: AddNotificationWebhookInput!
  ): NotificationWebhookResult!
  updateNotificationWebhook(
    context: Context!
    input: UpdateNotificationWebhookInput!
  ): NotificationWebhookResult!
  removeNotificationWebhook(context: Context!, ID: String!): Boolean!
}
`;
