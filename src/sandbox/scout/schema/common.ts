/** What all of the schema shares. Names and types are those of Docker Scout's schema. */
export const common = `
input Context {
  namespace: String
  organization: String
  teamId: String
}
input PagingInput {
  pageSize: Int = 20
  page: Int = 1
}
input KVFilterInput {
  key: String!
  values: [String!]!
}
input ScRepositoryInput {
  hostName: String!
  repoName: String!
}
input ScOrganizationFilterInput {
  name: String!
  value: String!
}
enum SortOrder {
  ASCENDING
  DESCENDING
}
type Paging {
  totalCount: Int
}
`;
